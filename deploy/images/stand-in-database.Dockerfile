# For tests only, by docker-compose.ci.yml: SecantusDB (GPL-2.0), a process of its own that speaks MongoDB's wire protocol.
FROM python:3.11-slim-bookworm
COPY constraints.txt /tmp/
RUN python -m venv /opt/database && /opt/database/bin/python -m pip install --no-cache-dir -c /tmp/constraints.txt SecantusDB pymongo
ENV PATH=/opt/database/bin:$PATH
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin database && install -d -o database -g database /data/db
USER 10001:10001
VOLUME /data/db
CMD ["secantusd-py", "--host", "0.0.0.0", "--port", "27017", "--storage-path", "/data/db", "--sync-on-commit"]
