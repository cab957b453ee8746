# One image for the scheduler, the workers and whoever starts a run, so that all have the same program.
# In a checkout: docker build -f docs/examples/cluster.Dockerfile -t claims:0.1.0 .
FROM python:3.12-slim
WORKDIR /srv/claims
COPY . .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock \
    && pip install --no-cache-dir --no-deps --no-build-isolation . \
    && useradd --uid 10001 --no-create-home claims
USER 10001
ENTRYPOINT []
