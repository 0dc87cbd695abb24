# The server: booking, right of way, pages. All that is inside is in /opt/pixelopolis/packages.txt.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
ENV PIP_CONSTRAINT=/build/constraints.txt PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY pyproject.toml constraints.txt deploy/images/requirements.py ./
RUN python requirements.py server mongo tracing > requirements.txt \
 && python -m venv --without-pip /opt/pixelopolis \
 && python -m pip --python /opt/pixelopolis/bin/python install -r requirements.txt
COPY . .
RUN python -m pip --python /opt/pixelopolis/bin/python install --no-deps . \
 && python -m pip --python /opt/pixelopolis/bin/python freeze > /opt/pixelopolis/packages.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /var/lib/pixelopolis --shell /usr/sbin/nologin pixelopolis
COPY --from=build /opt/pixelopolis /opt/pixelopolis
COPY deploy/images/health/server.py /opt/health.py
ENV PATH=/opt/pixelopolis/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 XDG_STATE_HOME=/var/lib/pixelopolis/state
RUN install -d -o pixelopolis -g pixelopolis -m 700 /var/lib/pixelopolis/state
USER 10001:10001
EXPOSE 5355
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=6 CMD ["python", "/opt/health.py"]
ENTRYPOINT ["pixelopolis"]
CMD ["server", "--host", "0.0.0.0"]
