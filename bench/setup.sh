#!/bin/sh
# Installs the peers that `npm run bench` compares with into $SEQWRIGHT_BENCH (default: .bench, which git ignores).
# Nothing of it enters package.json. Takes about 8 GB: PyPI's PyTorch brings CUDA libraries, though the CPU is used.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
home=${SEQWRIGHT_BENCH:-$root/.bench}
mkdir -p "$home/npm"

[ -x "$home/python/bin/python" ] || python3 -m venv "$home/python"
"$home/python/bin/pip" install --quiet numpy torch jax transformers pytorch-crf

cd "$home/npm"
[ -f package.json ] || echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts @tensorflow/tfjs@4 @tensorflow/tfjs-node@4 @tensorflow/tfjs-backend-wasm@4 @jax-js/jax

# The native binding of TensorFlow.js is downloaded by its install script from outside the registry. Where that is not
# wanted or not possible, it is built here against the TensorFlow library in PyPI's wheel: a newer TensorFlow than
# the one it comes with, hence no slower. Without it the peer falls back to WebAssembly.
binding=$home/npm/node_modules/@tensorflow/tfjs-node
if [ ! -f "$binding/lib/napi-v8/tfjs_binding.node" ]; then
  "$home/python/bin/pip" install --quiet --no-deps --target "$home/tensorflow" tensorflow-cpu || true
  library=$home/tensorflow/tensorflow
  headers=${NODE_HEADERS:-$(dirname "$(dirname "$(command -v node)")")/include/node}
  if [ -f "$library/libtensorflow_cc.so.2" ] && [ -f "$headers/node_api.h" ]; then
    mkdir -p "$binding/deps/lib" "$binding/lib/napi-v8"
    ln -sfn "$library/include" "$binding/deps/include"
    ln -sf "$library/libtensorflow_cc.so.2" "$library/libtensorflow_framework.so.2" "$binding/deps/lib/"
    (cd "$binding" && c++ -O2 -fPIC -shared -std=c++17 -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION \
      "-I$headers" -I.. -Ideps/include binding/tfjs_backend.cc binding/tfjs_binding.cc \
      -o lib/napi-v8/tfjs_binding.node -Ldeps/lib -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 \
      '-Wl,-rpath,$ORIGIN/../../deps/lib') || echo "TensorFlow.js: no native binding; WebAssembly will be used." >&2
  else
    echo "TensorFlow.js: no native binding (needs tensorflow-cpu, a C++ compiler and Node's headers); WebAssembly will be used." >&2
  fi
fi
echo "peers installed in $home"
