import { matrix } from "./matrix.ts";

matrix("run");
