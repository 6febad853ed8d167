#!/bin/sh
# golden_test.sh SOURCE_ROOT PROTOC: each block of testdata/golden.txt holds a message as text and as
# bytes; protoc makes the one from the other. codec_test.cc holds the codec against the same bytes.
set -eu

cd "$1"
protoc=$2
golden=tests/model/wire/testdata/golden.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
blocks=0
wrong=0
message=
: >"$scratch/text"
while IFS= read -r line; do
  case $line in
    '#'* | '') ;;
    'is '*)
      message=${line#is }
      : >"$scratch/text"
      ;;
    'kind '*) kind=${line#kind } ;;
    'bytes '*)
      made=$("$protoc" --encode="greytick.wire.$message" model/wire/record.proto \
        <"$scratch/text" | od -An -v -tx1 | tr -d ' \n')
      blocks=$((blocks + 1))
      if [ "$made" != "${line#bytes }" ]; then
        printf '%s %s: protoc makes\n%s\n' "$message" "$kind" "$made"
        wrong=$((wrong + 1))
      fi
      ;;
    *) printf '%s\n' "$line" >>"$scratch/text" ;;
  esac
done <"$golden"
echo "$blocks blocks, $wrong wrong"
[ "$blocks" -ge 57 ] && [ "$wrong" -eq 0 ]
