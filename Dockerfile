# JokeGen in a container, for a terminal or for a browser:
#   docker build -t jokegen .
#   docker run -it -v jokegen:/home/jokegen/home jokegen
#   docker run -p 127.0.0.1:8000:8000 -v jokegen:/home/jokegen/home -e JOKEGEN_TOKEN=... jokegen serve --host 0.0.0.0
# PIP_FLAGS as in the Makefile: with the address that PyTorch's install page gives, a small torch for the processor.
FROM python:3.13-slim

ARG PIP_FLAGS=""
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY data data
COPY models models
COPY core core
COPY tui tui
RUN pip install --no-cache-dir $PIP_FLAGS -c constraints.txt '.[serve,api]' && useradd --create-home jokegen \
    && install -d -o jokegen /home/jokegen/home

USER jokegen
WORKDIR /home/jokegen
ENV JOKEGEN_HOME=/home/jokegen/home
VOLUME /home/jokegen/home
EXPOSE 8000
ENTRYPOINT ["jokegen-tui"]
