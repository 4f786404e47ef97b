# syntax=docker/dockerfile:1

# Builds the one binary and puts it into an otherwise plain Debian. What is copied is listed, so that nothing
# of a working copy (target, data, node_modules) gets in.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY rust-toolchain.toml ./
RUN rustup target add wasm32-unknown-unknown
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY xtask xtask
COPY tests tests
COPY migrations migrations
COPY public public
COPY style style
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/cache \
    CARGO_TARGET_DIR=/cache/target cargo xtask dist

FROM debian:bookworm-slim
# Certificates of the authorities, for model providers over https.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin parlance \
    && install -d -o parlance -g parlance -m 0750 /data
COPY --from=build /build/dist/parlance /usr/local/bin/parlance
USER parlance
WORKDIR /data
VOLUME /data
ENV PARLANCE_ADDR=0.0.0.0:3000 \
    PARLANCE_DATA_DIR=/data
EXPOSE 3000
# The server drains its streams on TERM.
STOPSIGNAL SIGTERM
ENTRYPOINT ["parlance"]
