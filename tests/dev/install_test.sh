#!/bin/sh
# install_test.sh BUILD_DIR: an installed greytick runs, and brings its scenarios and licences.
set -eu

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

cmake --install "$1" --prefix "$prefix" >/dev/null
"$prefix/bin/greytick" version
ls "$prefix/share/greytick/scenarios/quickstart.yaml"
for paper in LICENSE NOTICE third-party.md CITATION.cff; do
  ls "$prefix/share/doc/greytick/$paper"
done
