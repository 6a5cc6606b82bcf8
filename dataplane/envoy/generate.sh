#!/bin/sh
# Generates gen/ again. It needs Go. Run it when messages.txt or Envoy's version changes, and commit the result.
set -eu
version=v1.40.0
module=github.com/envoyproxy/go-control-plane/envoy

here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$here/../.." && pwd)/node_modules/.bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$here/generate/main.go" "$work/"
grep -v '^#' "$here/generate/messages.txt" | awk -v module="$module" '
  NF { imports = imports "\t_ \"" module "/" $1 "\"\n"; gsub("/", ".", $1); for (i = 2; i <= NF; i++) roots = roots "\t\"envoy." $1 "." $i "\",\n" }
  END { print "package main\n\nimport (\n" imports "\n\t\"google.golang.org/protobuf/reflect/protoreflect\"\n)\n\nvar roots = []protoreflect.FullName{\n" roots "}" }
' > "$work/roots.go"

cd "$work"
go mod init generate
go get "$module@$version"
go mod tidy

rm -rf "$here/gen"
options=esModuleInterop=true,importSuffix=.ts,enumsAsLiterals=true,oneof=unions-value,useExactTypes=true
options=$options,outputServices=none,outputJsonMethods=to-only,unrecognizedEnum=false
PATH="$bin:$PATH" go run . "$bin/protoc-gen-ts_proto" "$options" "$here/gen"
