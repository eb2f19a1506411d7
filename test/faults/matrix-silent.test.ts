import { matrix } from "./matrix.ts";

matrix("silent");
