# A glibc base: the embedded store's wheel carries a Java runtime that wants glibc 2.34, so no Alpine.
ARG PYTHON=python:3.13-slim-bookworm

FROM ${PYTHON} AS built
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# First what seldom changes, so that a change of the code installs nothing anew.
COPY requirements/build.txt requirements/server.txt requirements/
RUN python -m venv /opt/policygraph \
    && /opt/policygraph/bin/pip install --require-hashes --requirement requirements/server.txt \
    && pip install --require-hashes --requirement requirements/build.txt
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheel . \
    && /opt/policygraph/bin/pip install --no-deps /tmp/wheel/*.whl \
    && /opt/policygraph/bin/python -m pip check \
    && /opt/policygraph/bin/python -m pip uninstall --yes pip

FROM ${PYTHON}
# Numbers, not names: Kubernetes checks `runAsNonRoot` only on these.
RUN groupadd --system --gid 10001 policygraph \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/policygraph --create-home policygraph
COPY --from=built /opt/policygraph /opt/policygraph
ENV PATH=/opt/policygraph/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /var/lib/policygraph
# Where the embedded store keeps its data; with Neo4j nothing is written here.
VOLUME /var/lib/policygraph
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/livez', timeout=2)"]
ENTRYPOINT ["policygraph"]
CMD ["serve", "--host", "0.0.0.0"]
