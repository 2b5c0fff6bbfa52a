# What people run by hand; `just ci` is what CI runs.

# formatting, lints, docs, tests, fuzz targets, benches in check mode
ci:
    bash .ci/run

test:
    cargo test --workspace

bench *args:
    cargo bench -- {{args}}

# one fuzz target for some seconds: just fuzz rulefile_bytes 600
fuzz target seconds="120":
    bash fuzz/run {{target}} {{seconds}}

deny:
    cargo deny check

# whether the committed object of the probe is what its sources give
object:
    kernel-probe/build-object --check

# the probe's live tests on Debian's 6.1 and 6.12, under qemu
kernels:
    bash .ci/kernels
