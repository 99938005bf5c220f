/** What the scripts of this folder share: their setting, and talking to the test that runs them. */
export const setting = JSON.parse(process.argv[2]);

/** Tells the test the outcome of a step. */
export const tell = (name, value) => process.send({ tell: name, value });

/** The outcome of a request: what it gives or, when it is refused, the body of the refusal. */
export const outcome = (request) =>
  request.then(
    (value) => value,
    (error) => ({ refused: error.modeledError ?? `${error} ${error.innerError ?? error.internalError ?? ''}` }),
  );

/** Has something done on the server's side, and waits until it is. */
export const ask = (what) =>
  new Promise((resolve) => {
    const listen = ({ done }) => {
      if (done !== what) return;
      process.off('message', listen);
      resolve();
    };
    process.on('message', listen);
    process.send({ ask: what });
  });

/** What arrives of one kind, to be waited for one by one. */
export class Arrivals {
  #waiting = [];
  #here = [];

  add(item) {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(item);
    else this.#here.push(item);
  }

  next() {
    return this.#here.length > 0
      ? Promise.resolve(this.#here.shift())
      : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get left() {
    return this.#here.length;
  }
}

/** Ends the process once everything was sent. */
export const finish = () => process.send({ tell: 'finished', value: true }, () => process.exit(0));
