/** The text in a file of a prompt, if it is a kind of text. */
export function textInFile({ mediaType, data }: { mediaType: string; data: string }): string | undefined {
  const isText = mediaType.startsWith("text/") || /^application\/(.+\+)?(json|xml|yaml|toml)\b/.test(mediaType);
  return isText ? Buffer.from(data, "base64").toString("utf8") : undefined;
}
