# The app as an image: docker build -t gan-explainer . && docker run --init -p 8501:8501 gan-explainer
# See docs/DEPLOY.md; compose.yaml has two of these behind nginx, compose.cluster.yaml a cluster.
FROM python:3.11-slim

# Korean words in the pictures that visitors take away
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*

WORKDIR /app
# requirements-cluster.txt for a machine of a Ray cluster
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-cluster.txt requirements.lock ./
# the CPU build of PyTorch is all that is needed, and a tenth of the size
RUN pip install --no-cache-dir --disable-pip-version-check --extra-index-url https://download.pytorch.org/whl/cpu \
    -r $REQUIREMENTS -c requirements.lock

RUN useradd --create-home --uid 1000 gan && mkdir /recordings && chown gan /recordings
COPY . .
USER gan

# GAN_WORKERS: processes of runs, at most one per core that the container may use (a container sees all cores of its machine);
# 0 = the runs live in the server's own process. GAN_KEEP: where recordings are kept at the end, e.g. /recordings.
ENV PYTHONUNBUFFERED=1 GAN_WORKERS=2

EXPOSE 8501
# a minute to load PyTorch; below a path, STREAMLIT_SERVER_BASE_URL_PATH names it
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "\
import json, os, urllib.request as web; \
path = os.environ.get('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'); \
assert json.load(web.urlopen('http://127.0.0.1:8501/' + (path + '/' if path else '') + 'gan/health', timeout=4))['ok']"]

CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
