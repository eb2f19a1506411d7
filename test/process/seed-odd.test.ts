import type { EventRecord, JsonObject, LLMProcess, Model, Reply, Tool } from "llmproc";
import { LLMProgram, RunError, Veto } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, gate, recordsOf, repliesOf } from "./harness.ts";
import { cutAfter, cutAtLast, goOn, seedOf } from "./resumed.ts";

// What went wrong elsewhere where something went on from where it had stood: each is a report of another project.

describe("calls", () => {
  /** A model whose first reply is that one. */
  function saying(reply: Partial<Reply>): Model {
    const model = scripted([{ text: "done" }], { repeat: true });
    let said = 0;
    return {
      provider: "scripted",
      name: "scripted",
      async send(conversation, io) {
        if (conversation.messages.length > 1 || said++ > 0) return await model.send(conversation, io);
        await io.beforeSend({ messages: [] });
        const whole = {
          response: {},
          texts: [],
          usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
        };
        return { ...whole, content: [], toolCalls: [], stopReason: "tool_use", ...reply };
      },
    };
  }
  const call = { type: "tool_call", id: "c0", name: "wipe", args: {} };

  test("one whose arguments could not be read does not run there, either", async () => {
    let wiped = 0;
    const wipe = anyTool("wipe", () => `wiped ${++wiped}`);
    const invalid = "The arguments are not complete JSON: Unexpected end.";
    const model = saying({ content: [call], toolCalls: [{ id: "c0", name: "wipe", args: {}, invalid }] });
    const first = await new LLMProgram({ model, tools: [wipe] }).start();
    const records = recordsOf(first);
    await first.run("go");
    for (const event of ["api_response", "tool_start"] as const) {
      const proc = await goOn(
        cutAfter(records, (record) => record.event === event),
        { model, tools: [wipe] },
      );
      await proc.run("go");
      expect(repliesOf(proc)).toEqual(repliesOf(first));
      expect(repliesOf(proc)).toMatchObject([{ content: expect.stringContaining(invalid), isError: true }]);
    }
    expect(wiped).toBe(0);
  });

  test("of a reply that stopped for a reason with a name: the model reads it, and stderr has its line once", async () => {
    const wipe = anyTool("wipe", () => "wiped");
    const model = saying({
      content: [call],
      toolCalls: [{ id: "c0", name: "wipe", args: {} }],
      stopReason: "other",
      stopDetail: "recitation",
      complaint: "overloaded",
    });
    const first = await new LLMProgram({ model, tools: [wipe] }).start();
    const records = recordsOf(first);
    await first.run("go");
    expect(first.stderrLog).toHaveLength(2);
    expect(repliesOf(first)).toMatchObject([{ content: expect.stringContaining("recitation"), isError: true }]);
    for (let count = records.findIndex(({ event }) => event === "api_response") + 1; count < records.length; count++) {
      const proc = await goOn(records.slice(0, count), { model, tools: [wipe] });
      await proc.run("go");
      expect(proc.stderrLog).toEqual(first.stderrLog);
      expect(repliesOf(proc)).toEqual(repliesOf(first));
    }
  });

  test("those that are over do not run again, whatever the order in which they ended", async () => {
    const ran: string[] = [];
    const gates = [gate(), gate(), gate()];
    const step = anyTool("step", async ({ place }) => {
      ran.push(String(place));
      await gates[Number(place)]?.opened;
      return `did ${String(place)}`;
    });
    const toolCalls = [0, 1, 2].map((place) => ({ id: `c${place}`, name: "step", args: { place } }));
    const model = () => scripted([{ toolCalls }, { text: "done" }], { repeat: true });
    const first = await new LLMProgram({ model: model(), tools: [step] }).start();
    const records = recordsOf(first);
    first.on("tool_end", (_name, _result, { callId }) => gates[callId === "c2" ? 1 : 0]?.open());
    gates[2]?.open();
    await first.run("go");
    expect(repliesOf(first).map(({ callId }) => callId)).toEqual(["c0", "c1", "c2"]);
    const ends = records.flatMap(({ event }, place) => (event === "tool_end" ? [place] : []));
    for (const [over, end] of ends.entries()) {
      ran.length = 0;
      const after = scripted([{ text: "done" }]);
      const proc = await goOn(records.slice(0, end + 1), { model: after, tools: [step] });
      await proc.run("go");
      expect(repliesOf(proc)).toEqual(repliesOf(first));
      expect(ran).toEqual(["0", "1", "2"].slice(0, 2 - over));
    }
  });

  test("an argument that is called __proto__ is there after a resume, as data", async () => {
    const seen: string[] = [];
    const look = anyTool("look", (args) => {
      seen.push(JSON.stringify(args));
      return JSON.stringify(args);
    });
    const args = JSON.parse('{"path":"/x","__proto__":{"approved":true}}') as JsonObject;
    const model = () => scripted([{ toolCalls: [{ id: "c0", name: "look", args }] }, { text: "done" }]);
    const first = await new LLMProgram({ model: model(), tools: [look] }).start();
    const records = recordsOf(first);
    await first.run("go");
    for (const event of ["api_response", "tool_start"] as const) {
      const cut = cutAfter(records, (record) => record.event === event);
      const proc = await goOn(cut, { model: scripted([{ text: "done" }]), tools: [look] });
      await proc.run("go");
      expect(repliesOf(proc)).toEqual(repliesOf(first));
    }
    expect(seen).toEqual(Array.from({ length: 3 }, () => '{"path":"/x","__proto__":{"approved":true}}'));
    expect(Reflect.get({}, "approved")).toBeUndefined();
  });

  test("no text of a log ends in half a character, wherever a stream broke", async () => {
    const records: EventRecord[] = [];
    for (let cutAfter = 1; cutAfter < 8; cutAfter++) {
      const model = scripted([{ text: "a😀b👩‍👩‍👧c", cutAfter }]);
      const proc = await new LLMProgram({ model }).start();
      proc.on("*", (record) => void records.push(record));
      await proc.run("go").catch(() => {});
      const seed = JSON.stringify(seedOf(records.filter(({ process }) => process.id === proc.id)));
      expect(seed.isWellFormed()).toBe(true);
      expect(/\\ud[89a-f]/i.test(seed)).toBe(false);
    }
    const whole = records.filter(({ event }) => event !== "response_delta");
    expect(/\\ud[89a-f]/i.test(JSON.stringify(whole))).toBe(false);
  });
});

describe("what had been asked and not been answered is asked again", () => {
  /** As long as anybody waits for it. */
  const never = ({ signal }: { signal: AbortSignal }) =>
    new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  const model = () =>
    scripted([{ toolCalls: [{ id: "c0", name: "fork", args: { prompts: ["look"] } }] }, { text: "done" }]);
  const child = () => scripted({ root: [{ text: "done" }], child: [{ text: "seen" }] });

  async function hangingAt(event: "process_start" | "run_start" | "turn_start", depth = 0): Promise<EventRecord[]> {
    const reached = gate();
    const hang = {
      [event]: (process: { depth: number }, ...rest: unknown[]) => {
        if (process.depth !== depth) return undefined;
        reached.open();
        return never(rest.at(-1) as { signal: AbortSignal });
      },
    };
    const proc = await new LLMProgram({ model: model(), tools: ["fork"] }).start({ callbacks: [hang] });
    const records = recordsOf(proc);
    const running = proc.run("go").catch(() => {});
    await reached.opened;
    const seen = [...records];
    await proc.close();
    await running;
    return cutAtLast(seen, event);
  }
  const refusing = (event: string, depth = 0) => ({
    [event](process: { depth: number }) {
      if (process.depth === depth) throw new Veto("Not today.");
    },
  });

  test.each(["run_start", "turn_start"] as const)(
    "%s: a guard that refuses ends the run, and nothing is sent",
    async (event) => {
      const sent = scripted([]);
      const proc = await goOn(await hangingAt(event), { model: sent, tools: ["fork"] }, [refusing(event)]);
      const ended = await proc.run("go").catch((error: unknown) => error);
      expect(ended).toBeInstanceOf(RunError);
      expect(ended).toMatchObject({
        stopReason: "callback",
        result: { apiCalls: 0, vetoes: [{ event, reason: "Not today." }] },
      });
      expect(proc.messages).toEqual([]);
    },
  );

  test("the start of a root", async () => {
    const proc = await goOn(await hangingAt("process_start"), { model: scripted([]) }, [refusing("process_start")]);
    await expect(proc.run("go")).rejects.toThrow("Not today.");
  });

  test("the start of a child: denied once, and its parent goes on", async () => {
    const records = await hangingAt("process_start", 1);
    const proc = await goOn(records, { model: child(), tools: ["fork"] }, [refusing("process_start", 1)]);
    const { vetoes } = await proc.run("go");
    expect(vetoes).toMatchObject([{ event: "process_start", reason: "Not today." }]);
    expect(repliesOf(proc)).toMatchObject([{ content: expect.stringContaining("Not today.") }]);
  });

  test("a child whose start was denied stays denied, and is told of once", async () => {
    const first = await new LLMProgram({ model: model(), tools: ["fork"] }).start({
      callbacks: [refusing("process_start", 1)],
    });
    const records = recordsOf(first);
    await first.run("go");
    const cut = cutAfter(records, ({ event, process }) => event === "process_end" && process.depth === 1);
    const proc = await goOn(cut, { model: child(), tools: ["fork"] });
    const { vetoes } = await proc.run("go");
    expect(vetoes).toHaveLength(1);
    expect(repliesOf(proc)).toEqual(repliesOf(first));
  });

  test("a turn that was denied has ended its run, also where its last record is missing", async () => {
    const deny = {
      turn_start(_process: object, result: { apiCalls: number }) {
        if (result.apiCalls === 1) throw new Veto("Enough.");
      },
    };
    const look = anyTool("look", () => "seen");
    const first = await new LLMProgram({ model: scripted([{ toolCalls: [{ name: "look" }] }]), tools: [look] }).start({
      callbacks: [deny],
    });
    const records = recordsOf(first);
    const wanted: unknown = await first.run("go").catch((error: unknown) => error);
    const proc = await goOn(cutAtLast(records, "turn_end"), { model: scripted([]), tools: [look] });
    const ended: unknown = await proc.run("go").catch((error: unknown) => error);
    expect(String(ended)).toBe(String(wanted));
    expect(proc.messages).toEqual(first.messages);
  });
});

describe("children of a call", () => {
  /** A tool that has a child answer each of the questions; a guard may refuse it. */
  const asking = (questions: () => readonly string[]): Tool =>
    anyTool("ask", async (_args, { process }) => {
      const answers: string[] = [];
      for (const question of questions()) {
        const helper = await process.forkProcess();
        answers.push((await helper.run(question)).lastMessage);
      }
      return answers.join(", ");
    });
  /** Vendors that number calls in each reply give the same id again in the next. */
  const model = () =>
    scripted({
      root: [
        ({ messages }) => (messages.length < 5 ? { toolCalls: [{ id: "call_0", name: "ask" }] } : { text: "done" }),
        ({ messages }) => (messages.length < 5 ? { toolCalls: [{ id: "call_0", name: "ask" }] } : { text: "done" }),
        { text: "done" },
      ],
      child: [
        ({ messages }) => {
          const last = messages.at(-1);
          return {
            text: `re ${last?.role === "user" && last.content[0]?.type === "text" ? last.content[0].text : "?"}`,
          };
        },
        ({ messages }) => {
          const last = messages.at(-1);
          return {
            text: `re ${last?.role === "user" && last.content[0]?.type === "text" ? last.content[0].text : "?"}`,
          };
        },
      ],
    });

  async function askedOnce(): Promise<readonly EventRecord[]> {
    const proc = await new LLMProgram({ model: model(), tools: [asking(() => ["q0"])] }).start();
    const records = recordsOf(proc);
    await proc.run("go");
    return cutAfter(records, ({ event, process }) => event === "run_end" && process.depth === 1);
  }

  test("one that a denied call had made ends with it, and answers no later call of the same id", async () => {
    let calls = 0;
    const deny = {
      tool_start() {
        if (calls++ === 0) throw new Veto("Not now.");
      },
    };
    const records = await askedOnce();
    const proc = await goOn(records, { model: model(), tools: [asking(() => ["q1"])] }, [deny]);
    const heard: string[] = [];
    proc.on("*", ({ event, process: { id }, turn }) => {
      if (/^process_|^tool_(?:start|end)/.test(event))
        heard.push(`${event} ${id.slice(proc.id.length)} ${turn ?? ""}`.trim());
    });
    await proc.run("go");
    expect(repliesOf(proc).map(({ content }) => content)).toEqual(["Not now.", "re q1"]);
    expect(heard).toEqual([
      "tool_start  1",
      "process_end .1",
      "tool_end  1",
      "tool_start  2",
      "process_start .2",
      "tool_end  2",
      "process_end .2",
    ]);
  });

  test("one that is asked something else gives no old answer", async () => {
    const proc = await goOn(await askedOnce(), { model: model(), tools: [asking(() => ["q1"])] });
    await proc.run("go");
    expect(repliesOf(proc)[0]?.content).toBe("re q1");
  });

  test("one that was closed there is not closed again, and what it answered is not asked again", async () => {
    const closing = anyTool("ask", async (_args, { process }) => {
      const helper = await process.forkProcess();
      const { lastMessage } = await helper.run("q0");
      await (helper as LLMProcess).close();
      return lastMessage;
    });
    const first = await new LLMProgram({ model: model(), tools: [closing] }).start();
    const records = recordsOf(first);
    await first.run("go");
    const cut = cutAfter(records, ({ event }) => event === "process_end");
    const proc = await goOn(cut, { model: model(), tools: [closing] });
    const ends: string[] = [];
    proc.on("process_end", ({ id }) => void ends.push(id.slice(proc.id.length)));
    await proc.run("go");
    expect(repliesOf(proc)[0]?.content).toBe("re q0");
    expect(ends).toEqual([".2"]);
  });
});
