# docker build -t jianwei .
# docker run --rm -p 127.0.0.1:5000:5000 -e JIANWEI_API_KEY=choose-one -v jianwei:/data jianwei
FROM python:3.11-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# The libraries first: they change seldom, so their layer is kept when the code changes.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project
COPY README.md LICENSE NOTICE ./
COPY src ./src
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 jianwei && install -d -o jianwei -g jianwei /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    JIANWEI_HOME=/data \
    JIANWEI_HOST=0.0.0.0 \
    JIANWEI_PORT=5000
USER jianwei
WORKDIR /data
VOLUME /data
EXPOSE 5000
# No JIANWEI_API_KEY here: listening on all addresses without one is refused, so every container gets its own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"JIANWEI_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["jianwei"]
CMD ["serve"]
