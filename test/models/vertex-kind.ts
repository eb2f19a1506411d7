import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import { anthropicWire } from "./anthropic-kind.ts";
import { wireKind } from "./wire-kind.ts";

/** In place of Google's. */
export const googleAuth = {
  getRequestHeaders: () => Promise.resolve(new Headers({ authorization: "Bearer google-token" })),
};

/** The real client against a server of ours, with credentials that are given in code. */
export const vertexKind = wireKind({
  ...anthropicWire,
  name: "anthropic_vertex",
  model: (url) =>
    anthropicVertex({
      name: "claude-test",
      projectId: "test-project",
      region: "global",
      baseURL: `${url}/v1`,
      authClient: googleAuth,
    }),
});
