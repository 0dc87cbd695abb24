# Collecting, training and evaluating networks: large, for a machine of its own. All that is inside is in /opt/pixelopolis/packages.txt.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PIP_CONSTRAINT=/build/constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml constraints.txt deploy/images/requirements.py ./
RUN python requirements.py sim train > requirements.txt \
 && python -m venv --without-pip /opt/pixelopolis \
 && python -m pip --python /opt/pixelopolis/bin/python install -r requirements.txt
COPY . .
RUN python -m pip --python /opt/pixelopolis/bin/python install --no-deps . \
 && python -m pip --python /opt/pixelopolis/bin/python freeze > /opt/pixelopolis/packages.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libegl1 libgl1 libegl-mesa0 libgl1-mesa-dri \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --home-dir /var/lib/pixelopolis --shell /usr/sbin/nologin pixelopolis
COPY --from=build /opt/pixelopolis /opt/pixelopolis
ENV PATH=/opt/pixelopolis/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN install -d -o pixelopolis -g pixelopolis /work
WORKDIR /work
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=30s CMD ["python", "-c", "import tensorflow"]
ENTRYPOINT ["pixelopolis"]
CMD ["train", "--help"]
