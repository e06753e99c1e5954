# The course server and its workers: one image, two commands (compose.yaml). `docker build -t course .`
FROM python:3.12-slim-bookworm

# bubblewrap is one of the sandboxes; the others need nothing but the kernel.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap \
 && rm -rf /var/lib/apt/lists/*

# Nothing here runs as root. Uploads are kept in /data, a volume that server and workers share.
RUN useradd --create-home --uid 1000 course && install -d -o course -g course /course /data
WORKDIR /course

# What takes long and seldom changes comes first: torch, then what the rest of the course needs.
# On machines without a GPU the index of PyTorch's CPU builds saves gigabytes: --build-arg TORCH_INDEX=ITS-ADDRESS
ARG TORCH_INDEX=""
COPY --chown=course pyproject.toml README.md LICENSE ./
# hadolint ignore=DL3013
RUN pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} 'torch>=2.11'
COPY --chown=course . .
RUN pip install --no-cache-dir --editable '.[server,scaling,data,alignment,similarity]'

USER 1000
ENV GRADER_SERVER_DATA=/data
VOLUME /data
EXPOSE 8336
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8336/api/health', timeout=5)"]
CMD ["grader", "serve", "--host", "0.0.0.0"]
