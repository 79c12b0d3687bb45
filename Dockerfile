# grove-migrate with git and Python, as pipelines run it. "make dist" comes first; the base is any image with Python, or one that
# has apt.
ARG BASE=python:3.12-slim-bookworm

FROM ${BASE} AS release
ARG TARGETARCH
COPY dist/SHA256SUMS dist/grove-migrate-linux-${TARGETARCH} /release/
RUN cd /release && sha256sum --check --ignore-missing SHA256SUMS && install -m 755 grove-migrate-linux-* /grove-migrate

FROM ${BASE}
RUN git --version && python3 -c 'import ensurepip, venv' || \
    { apt-get update && apt-get install --yes --no-install-recommends git python3 python3-venv && rm -rf /var/lib/apt/lists/*; }
COPY dist/licences /usr/share/doc/grove-migrate
COPY --from=release /grove-migrate /usr/local/bin/grove-migrate
# Whoever owns the workspace may be the user; no home is needed.
ENV HOME=/tmp
USER 1000:1000
WORKDIR /workspace
ENTRYPOINT ["grove-migrate"]
