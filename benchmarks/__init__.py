"""What the program costs, measured: `make bench` fills the tables of docs/benchmarks.md."""
