# The image with a C compiler builds the MaxSim kernels; the one that runs needs none.
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
COPY requirements.lock ./
RUN pip install --no-cache-dir "$(grep '^torch==' requirements.lock)" \
 && pip install --no-cache-dir -r requirements.lock
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-deps /wheels/*.whl && useradd --create-home pagesight \
 && mkdir /data && chown pagesight /data
USER pagesight
EXPOSE 8000
CMD ["pagesight", "serve"]
