import fc from "fast-check";
import type { Callback, EventInfo, LLMProcess, Off } from "llmproc";
import { LLMProgram, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { runs } from "../support/sample.ts";

const start = () => new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) }).start();

/** A handler that notes which processes it heard, and a way to ask whether it hears one. */
function listener() {
  const heard: string[] = [];
  const handler = (...given: unknown[]) => {
    const { process, event } = given.at(-1) as EventInfo;
    if (event === "run_start") heard.push(process.id);
  };
  const hears = async (proc: LLMProcess) => {
    heard.length = 0;
    await proc.run("x");
    return heard.length;
  };
  return { handler, hears };
}

for (const options of [{}, { name: "other" }, { observe: true }]) {
  test(`off() in a child leaves the parent's handler heard there, registered with ${JSON.stringify(options)}`, async () => {
    const proc = await start();
    const { handler, hears } = listener();
    proc.on("run_start", handler);
    const child = await proc.forkProcess();
    const off = child.on("run_start", handler, options);
    expect(await hears(child)).toBe(1);
    off();
    expect(await hears(child)).toBe(1);
    off();
    expect(await hears(child)).toBe(1);
    child.removeCallback(handler);
    expect([await hears(child), await hears(proc)]).toEqual([0, 1]);
  });
}

test("each of two registrations of one handler is undone by its own off(), in either order", async () => {
  for (const second of [{}, { name: "second" }]) {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const proc = await start();
      const { handler, hears } = listener();
      const offs = [proc.on("run_start", handler), proc.on("run_start", handler, second)] as const;
      expect(await hears(proc)).toBe(1);
      offs[order[0]]();
      offs[order[0]]();
      expect(await hears(proc)).toBe(1);
      offs[order[1]]();
      expect(await hears(proc)).toBe(0);
    }
  }
});

test("the options of the registration that is left hold again", async () => {
  const proc = await start();
  const guard = () => {
    throw new Veto("no");
  };
  proc.on("run_start", guard);
  const off = proc.on("run_start", guard, { observe: true });
  proc.on("callback_error", () => {});
  expect((await proc.run("x")).stopReason).toBe("end");
  off();
  await expect(proc.run("x")).rejects.toMatchObject({ stopReason: "callback" });
});

test("off() of a handler that was registered before the process was there is the same", async () => {
  const { handler, hears } = listener();
  const starting = start();
  const off = starting.on("run_start", handler);
  const early = starting.on("run_start", handler);
  early();
  const proc = await starting;
  expect(await hears(proc)).toBe(1);
  off();
  expect(await hears(proc)).toBe(0);
});

/** The rule of docs/callbacks.md, as short as it can be said. */
class Model {
  readonly parent: Model | undefined;
  /** By form: the callback as a whole, or a handler of one event. */
  readonly own = new Map<string, { readonly inherit: boolean }[]>();
  readonly muted = new Set<string>();

  constructor(parent?: Model) {
    this.parent = parent;
  }

  inherits(form: string): boolean {
    return !this.muted.has(form) && this.parent?.handsDown(form) === true;
  }

  handsDown(form: string): boolean {
    return this.inherits(form) || this.own.get(form)?.at(-1)?.inherit === true;
  }

  hears(form: string): boolean {
    return this.inherits(form) || (this.own.get(form)?.length ?? 0) > 0;
  }
}

test("what a process has of its own is heard when what it inherited is not handed down any more", async () => {
  const root = await start();
  const child = await root.forkProcess();
  const heard: string[] = [];
  const hear = (...given: unknown[]) => void heard.push((given.at(-1) as EventInfo).process.id);
  root.on("run_start", hear);
  child.on("run_start", hear, { inherit: false });
  root.on("run_start", hear, { inherit: false });
  await child.run("x");
  expect(heard).toEqual([child.id]);
});

const deeds = fc.array(
  fc.record({
    deed: fc.constantFrom("on", "off", "add", "remove"),
    place: fc.nat(2),
    which: fc.nat(1),
    inherit: fc.boolean(),
    offAt: fc.nat(5),
  }),
  { maxLength: 25 },
);

test("whatever is registered and undone in a process, its child and its grandchild, who hears follows from the rule", async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (drawn) => {
      const root = await start();
      const child = await root.forkProcess();
      const procs = [root, child, await child.forkProcess()] as const;
      const models = [new Model()];
      for (let place = 1; place < procs.length; place++) models.push(new Model(models[place - 1]));
      const heard: string[] = [];
      const callbacks = [0, 1].map((number) => (...given: unknown[]) => {
        const { event, process } = given.at(-1) as EventInfo;
        const form = given.length === 4 ? "whole" : "on";
        if (event === "run_start") heard.push(`${number} ${form} ${process.depth}`);
      });
      const offs: { readonly off: Off; readonly undo: () => void }[] = [];
      for (const { deed, place, which, inherit, offAt } of drawn) {
        const [proc, model, callback] = [procs[place], models[place], callbacks[which]];
        if (proc === undefined || model === undefined || callback === undefined) continue;
        if (deed === "off") {
          offs[offAt]?.off();
          offs[offAt]?.undo();
        } else if (deed === "remove") {
          proc.removeCallback(callback as Callback);
          for (const form of [`${which} whole`, `${which} on`]) {
            model.own.delete(form);
            if (model.inherits(form)) model.muted.add(form);
          }
        } else if (deed === "add") {
          proc.addCallback(callback, { inherit });
          model.own.set(`${which} whole`, [{ inherit }]);
        } else {
          const form = `${which} on`;
          const entry = { inherit };
          model.own.set(form, [...(model.own.get(form) ?? []), entry]);
          const undo = () =>
            model.own.set(
              form,
              (model.own.get(form) ?? []).filter((one) => one !== entry),
            );
          offs.push({ off: proc.on("run_start", callback, { inherit }), undo });
        }
      }
      await Promise.all(procs.map((proc) => proc.run("x")));
      const wanted = models.flatMap((model, depth) =>
        ["0 whole", "0 on", "1 whole", "1 on"].filter((form) => model.hears(form)).map((form) => `${form} ${depth}`),
      );
      expect(heard.toSorted()).toEqual(wanted.toSorted());
      await root.close();
    }),
    runs(150, 1000),
  );
});
