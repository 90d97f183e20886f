# The app in a container: not root, and nothing written outside /tmp. See docs/serving.md.

FROM python:3.11-slim-bookworm AS packages
WORKDIR /packages
COPY requirements.txt .
# The environment needs no pip of its own, and TensorFlow's headers are for compilers alone.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --no-cache-dir \
        --disable-pip-version-check --requirement requirements.txt \
    && rm -r /opt/venv/lib/python3.11/site-packages/tensorflow/include

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home playground
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY LICENSE app.py ./
COPY checkpoints checkpoints
COPY generative generative
RUN /opt/venv/bin/python -m compileall -q app.py generative

# Whatever the packages write goes below /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    GRADIO_TEMP_DIR=/tmp/gradio \
    GRADIO_EXAMPLES_CACHE=/tmp/examples \
    HF_HOME=/tmp/huggingface \
    MPLCONFIGDIR=/tmp/matplotlib \
    NO_PROXY=localhost,127.0.0.1 \
    TF_CPP_MIN_LOG_LEVEL=2 \
    GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860
USER 10001:10001
EXPOSE 7860
# The models take a while to load; the page is served long before.
HEALTHCHECK --interval=15s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['GRADIO_SERVER_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "app.py"]
