# The package for one kind of accelerator, without root:
#
#   docker build --build-arg KIND=cuda -t ssagan .      # cpu (default), cuda, tpu
#   docker run --gpus=all -v "$PWD/runs:/runs" ssagan train --config=quickstart --workdir=/runs/a
#
# docs/docker.md says more.
ARG PYTHON=3.12
FROM python:${PYTHON}-slim AS wheel
COPY . /source
WORKDIR /source
RUN pip install --no-cache-dir "build>=1.2" && python -m build --wheel --outdir /wheels

FROM python:${PYTHON}-slim
ARG KIND=cpu
ARG EXTRAS=gcs,demo
COPY docker/install.sh docker/entrypoint.sh /usr/local/bin/
COPY --from=wheel /wheels /wheels
RUN PIP_NO_CACHE_DIR=1 EXTRAS="${EXTRAS}" install.sh "${KIND}" "$(echo /wheels/*.whl)" \
    && useradd --create-home --uid 1000 ssagan \
    && install -d -o ssagan /runs /data /cache
USER 1000
WORKDIR /home/ssagan
VOLUME ["/runs", "/data", "/cache"]
HEALTHCHECK --interval=1h --timeout=5m CMD ["env", "JAX_PLATFORMS=cpu", "ssagan", "doctor", "--config=quickstart:tiny"]
ENTRYPOINT ["entrypoint.sh"]
CMD ["--help"]
