import { createHash } from "node:crypto";
import type { Facts, ProgramIdentity } from "../../events/facts.ts";
import type { ModelName } from "../../events/run-result.ts";
import { deepFreeze } from "../../json.ts";
import type { ProcessProgram, ProgramLimits } from "./process-program.ts";

const identities = new WeakMap<ProcessProgram, ProgramIdentity>();

/** What a program is, as records say it; made when somebody first asks. */
export function identityOf(program: ProcessProgram): ProgramIdentity {
  let identity = identities.get(program);
  if (identity === undefined) {
    identity = makeIdentity(program);
    identities.set(program, identity);
  }
  return identity;
}

const factsOfRequests = new WeakMap<ProcessProgram, Pick<Facts, "model">>();

/** What a request of it says; the same for all of them. */
export function requestFacts(program: ProcessProgram): Pick<Facts, "model"> {
  let facts = factsOfRequests.get(program);
  if (facts === undefined) {
    facts = Object.freeze({ model: modelNameOf(program) });
    factsOfRequests.set(program, facts);
  }
  return facts;
}

export function modelNameOf(program: ProcessProgram): ModelName {
  return identityOf(program).model;
}

function makeIdentity({ name, model, systemPrompt, parameters, tools, limits }: ProcessProgram): ProgramIdentity {
  const { provider, name: modelName } = model;
  const told = tools.map(({ name: tool, description, parameters: schema }) => [tool, description, schema]);
  const content = JSON.stringify([provider, modelName, systemPrompt, parameters, told]);
  return deepFreeze({
    name,
    hash: createHash("sha256").update(content).digest("hex"),
    model: { provider, name: modelName },
    systemPrompt,
    tools: tools.map((tool) => tool.name),
    limits: setLimits(limits),
  });
}

/** Without those that have no bound: JSON has no word for it. */
function setLimits(limits: ProgramLimits): ProgramIdentity["limits"] {
  const set: { [name: string]: number | boolean } = {};
  for (const [name, value] of Object.entries(limits) as [string, number | boolean | undefined][]) {
    if (value !== undefined && value !== Number.POSITIVE_INFINITY) set[name] = value;
  }
  return set;
}
