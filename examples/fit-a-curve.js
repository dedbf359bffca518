// Fits a curve with the engine alone: no sequences, no model, only a computation, its gradient and a program.
// A small network with one hidden layer learns y = sin(3x) + noise. Run it: node examples/fit-a-curve.js
import { add, compile, grad, input, matmul, mean, mul, square, sub, tanh } from 'seqwright/graph';

// Data: 64 points of a noisy curve. The engine draws nothing at random by itself; this generator repeats itself.
const points = 64;
const xs = Float32Array.from({ length: points }, (_, i) => (2 * i) / (points - 1) - 1);
let state = 1;
const noise = () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5;
const ys = xs.map((value) => Math.sin(3 * value) + 0.1 * noise());

// The computation. Dimensions may have names: the program takes any number of rows.
const x = input('x', ['rows', 1]);
const y = input('y', ['rows', 1]);
const rate = input('rate', []);
const hidden = 16;
const parameters = {
  w1: { value: input('w1', [1, hidden]), initial: Float32Array.from({ length: hidden }, () => 4 * noise()) },
  b1: { value: input('b1', [hidden]), initial: Float32Array.from({ length: hidden }, () => 2 * noise()) },
  w2: {
    value: input('w2', [hidden, 1]),
    initial: Float32Array.from({ length: hidden }, () => 0.5 * noise()),
  },
  b2: { value: input('b2', [1]), initial: new Float32Array(1) },
};
const { w1, b1, w2, b2 } = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, p.value]));
const curve = add(matmul(tanh(add(matmul(x, w1), b1)), w2), b2);
const loss = mean(square(sub(curve, y)));

// Training is another graph: each parameter, and what becomes of it after a step of gradient descent.
const entries = Object.entries(parameters);
const gradients = grad(
  loss,
  entries.map(([, { value }]) => value),
);
const training = await compile({
  inputs: { x, y, rate },
  outputs: { loss },
  state: Object.fromEntries(
    entries.map(([name, { value, initial }], i) => [
      name,
      { value, initial, next: sub(value, mul(gradients[i], rate)) },
    ]),
  ),
});

const column = (data) => ({ dtype: 'float32', shape: [data.length, 1], data });
for (let step = 0; step <= 4000; step++) {
  const { loss: now } = await training.run({ x: column(xs), y: column(ys), rate: 0.1 });
  if (step % 1000 === 0) console.log(`step ${step}: mean squared error ${now.data[0].toFixed(4)}`);
}

// Prediction is the same computation with the weights that training arrived at.
const weights = await training.state();
const prediction = await compile({
  inputs: { x },
  outputs: { curve },
  state: Object.fromEntries(entries.map(([name, { value }]) => [name, { value, initial: weights[name] }])),
});
const at = Float32Array.of(-0.5, 0, 0.5);
const result = await prediction.run({ x: column(at) });
at.forEach((value, i) => {
  console.log(
    `at ${value}: ${result.curve.data[i].toFixed(2)}; sin(3x) is ${Math.sin(3 * value).toFixed(2)}`,
  );
});
await training.release();
await prediction.release();
