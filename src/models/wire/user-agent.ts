/** Who asks. A test holds it to the package's version. */
export const USER_AGENT = "llmproc/0.1.0";
