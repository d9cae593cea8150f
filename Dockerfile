# The image with a C compiler builds the MaxSim kernels; the one that runs needs none. Both are named by tag, so
# that a rebuild takes the security fixes of the distribution: `make pin-images` writes their digests where builds
# must be the same to the byte.
FROM python:3.11 AS build
WORKDIR /src
COPY pyproject.toml setup.py README.md LICENSE ./
COPY indexer indexer
COPY retriever retriever
COPY generator generator
COPY api api
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock requirements-torch.lock ./
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock \
 && pip install --no-cache-dir -r requirements-torch.lock
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-deps /wheels/*.whl && rm -r /wheels \
 && useradd --create-home pagesight && mkdir --mode 700 /data && chown pagesight /data
USER pagesight
EXPOSE 8000
CMD ["pagesight", "serve"]
