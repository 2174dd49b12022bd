# syntax=docker/dockerfile:1

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches outlive the build, so a changed line does not compile every dependency again.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --package api \
    && cp target/release/bangkom /usr/local/bin/bangkom

FROM debian:bookworm-slim
# Certificates: keys of OpenID Connect issuers are fetched over TLS.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --create-home --home-dir /var/lib/bangkom --shell /usr/sbin/nologin bangkom
COPY --from=build /usr/local/bin/bangkom /usr/local/bin/bangkom
ENV BANGKOM_LISTEN=0.0.0.0:8080 \
    BANGKOM_DATA_DIR=/var/lib/bangkom
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/bangkom
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["bangkom", "healthcheck"]
ENTRYPOINT ["bangkom"]
CMD ["serve"]
