/** Says once, before the first test, which Node the suite runs under. */
export default function printNode(): void {
  console.log(`suite: Node ${process.version}`);
}
