# regrant without a screen, in a container: `docker compose up -d`, then `docker compose exec regrant regrant` for the screen.
# Everything that it keeps lies in the volume /data; the rest may be read-only.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# the scripts of packages are not needed; what builds dist/ is run by name
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts ./scripts
COPY src ./src
# says what each setting is, in the schema for editors
COPY docs/reference.md ./docs/
# most packages are inside dist/: the image needs the few that are not
RUN node scripts/build.mjs && node scripts/runtime-packages.mjs runtime
# nobody may write beside dist/ later: the compiled code of the first starts is kept now
RUN node --import tsx scripts/warm-up.mjs

FROM node:24-bookworm-slim
ENV NODE_ENV=production REGRANT_DATA_DIR=/data REGRANT_PROXY_HOST=0.0.0.0
# what runs in it by `exec` is not told the locale of the terminal, which is one of UTF-8 nearly everywhere
ENV LANG=C.UTF-8
# memory that a busy hour took goes back to the system
ENV MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_ARENA_MAX=2 NODE_OPTIONS=--max-semi-space-size=8
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/runtime ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/.code-cache ./.code-cache
RUN ln -s /app/dist/app.js /usr/local/bin/regrant \
 && install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
EXPOSE 8045
# 401 is an answer too (authMode strict): whoever gives it is alive
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.REGRANT_PROXY_PORT||8045}/livez`).then(({status})=>process.exit(status===200||status===401?0:1),()=>process.exit(1))"]
# the program handles SIGTERM itself, as process 1 too
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/app.js"]
CMD ["--headless"]
