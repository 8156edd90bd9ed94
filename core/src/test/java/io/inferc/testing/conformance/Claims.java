package io.inferc.testing.conformance;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.testing.conformance.Expectations.Worth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes down the models that neither gave the right answer as they are nor were refused for a
 * reason listed, for the runtime's own Python package to try:
 * core/src/test/python/prove_runtime.py.
 */
final class Claims {
  private final Path folder;

  Claims(Path folder) {
    this.folder = folder;
  }

  /** Writes claims.tsv and the models that it names. */
  void write(List<SuiteCase> cases, Map<Unit, Worth> worths) throws IOException {
    Map<String, SuiteCase> byName =
        cases.stream().collect(Collectors.toMap(SuiteCase::name, Function.identity()));
    List<String> lines = new ArrayList<>();
    for (Map.Entry<Unit, Worth> entry : worths.entrySet()) {
      Unit unit = entry.getKey();
      boolean settled = Set.of(Worth.RIGHT, Worth.REFUSED).contains(entry.getValue());
      if (unit.mode() == Mode.FP32 && !settled) {
        SuiteCase from = byName.get(unit.name());
        Path model = model(from, unit.variant());
        String data = from.data().map(Path::toString).orElse("");
        lines.add(
            String.join(
                "\t", unit.name(), "" + unit.variant(), "" + model, "" + from.model(), data));
      }
    }
    Files.write(folder.resolve("claims.tsv"), lines);
  }

  private Path model(SuiteCase from, Variant variant) throws IOException {
    if (variant == Variant.GIVEN) {
      return from.model();
    }
    Optional<ModelProto> model = variant.apply(CaseData.read(from));
    Path file = folder.resolve("claims").resolve(from.name()).resolve(variant + ".onnx");
    Files.createDirectories(file.getParent());
    return Files.write(file.toAbsolutePath(), model.orElseThrow().toByteArray());
  }
}
