import { samplingTests } from "../test/house/test-files.ts";
import { configFor } from "../vitest.config.ts";

/** The tests that try a sample elsewhere, with all that there is to try. */
export default configFor(samplingTests(), { exhaustive: true });
