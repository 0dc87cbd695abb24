# The one address of all servers: HAProxy, which finds the servers by name and leaves out those that do not answer.
FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends 'haproxy=2.6.*' \
 && rm -rf /var/lib/apt/lists/*
COPY deploy/images/proxy.cfg /etc/haproxy/haproxy.cfg
COPY deploy/images/health/proxy.py /opt/health.py
USER haproxy
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s --retries=3 CMD ["python", "/opt/health.py"]
STOPSIGNAL SIGUSR1
ENTRYPOINT ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"]
