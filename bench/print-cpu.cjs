process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(String((user + system) / 1000));
});
