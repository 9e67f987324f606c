// One writer: the lease that crawls on different hosts take in turns. It is no part of the genealogy.
CREATE CONSTRAINT lease_name IF NOT EXISTS FOR (l:Lease) REQUIRE l.name IS UNIQUE;
