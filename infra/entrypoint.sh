#!/bin/sh
# Chooses the process; exec, so that signals reach it.
case "$1" in
  gateway | worker | api) exec node --enable-source-maps "/app/apps/$1/dist/main.js" ;;
  *) exec node --enable-source-maps /app/apps/cli/dist/main.js "$@" ;;
esac
