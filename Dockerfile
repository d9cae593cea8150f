FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir "$(grep '^torch==' requirements.lock)" \
 && pip install --no-cache-dir -r requirements.lock
COPY indexer indexer
COPY retriever retriever
COPY generator generator
COPY api api
RUN pip install --no-cache-dir --no-deps . && useradd --create-home pagesight \
 && mkdir /data && chown pagesight /data
USER pagesight
EXPOSE 8000
CMD ["pagesight", "serve"]
