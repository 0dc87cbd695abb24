# The simulated city: world, boards, and cameras by Mesa's software renderer. All that is inside is in /opt/pixelopolis/packages.txt.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PIP_CONSTRAINT=/build/constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml constraints.txt deploy/images/requirements.py ./
RUN python requirements.py sim > requirements.txt \
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
COPY deploy/images/health/sim.py /opt/health.py
ENV PATH=/opt/pixelopolis/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 5400
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 CMD ["python", "/opt/health.py"]
ENTRYPOINT ["pixelopolis", "sim"]
CMD ["run", "--host", "0.0.0.0", "--control-host", "127.0.0.1", "--control-port", "5401", "--claim-port", "5400"]
