"""What `neo4j.conf` of a local server says."""

HOST = "127.0.0.1"

CONFIGURATION = """\
# Written anew at every start of this server by hub-genealogy; changes made here are lost.
server.default_listen_address={host}
server.default_advertised_address={host}
server.bolt.listen_address={host}:{bolt}
server.bolt.advertised_address={host}:{bolt}
server.http.listen_address={host}:{http}
server.http.advertised_address={host}:{http}
server.https.enabled=false
server.memory.heap.max_size={heap}
server.memory.pagecache.size={page_cache}
# The graph can be made again from the change sets: of the logs, only what a restart after a crash needs is kept.
db.tx_log.preallocate=false
db.tx_log.rotation.size=64m
db.tx_log.rotation.retention_policy=keep_none
db.checkpoint.interval.time=5m
dbms.usage_report.enabled=false
client.allow_telemetry=false
dbms.security.http_static_content_security_policy_header={policy}
dbms.security.http_access_control_allow_origin=http://{host}:{http}
# Cypher reads no file and asks no address (LOAD CSV); no procedure of a plugin is loaded, as none is called "none".
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
dbms.security.procedures.allowlist=none
# Nobody guesses a password of 24 random bytes. With a limit, three wrong ones of any local user stop the nightly crawl.
dbms.security.auth_max_failed_attempts=0
"""
# What the pages of Neo4j Browser may reach: this machine. As it comes, Browser loads fonts and scripts from others.
_LOOPBACK = " ".join(
    f"{scheme}://{host}:*" for scheme in ("ws", "wss", "http", "https") for host in (HOST, "localhost")
)
BROWSER_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    f"connect-src 'self' {_LOOPBACK}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
