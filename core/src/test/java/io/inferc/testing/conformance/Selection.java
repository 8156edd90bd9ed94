package io.inferc.testing.conformance;

import io.inferc.onnx.internal.proto.ModelProto;
import io.inferc.onnx.internal.proto.NodeProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which cases, variants and modes run.
 *
 * @param target the back end's name
 * @param complete whether nothing is left out
 * @param all whether all cases run, and not a fixed tenth
 * @param parts what the names of cases must contain one of; none for any name
 * @param variants the variants
 * @param modes the modes
 */
record Selection(
    String target,
    boolean complete,
    boolean all,
    Set<String> parts,
    List<Variant> variants,
    List<Mode> modes) {
  /** Whether a runtime can do these depends on the locales of the machine it runs on. */
  private static final Pattern LOCALIZED =
      Pattern.compile(".*/test_strnorm.*_monday_(casesensintive_(lower|upper)|empty|insens).*");

  /**
   * Its thousand logits are equal and near 10^10, where the last bit decides what the Softmax makes
   * of them: OpenVINO's kernels for one processor add them up alike, those for another do not.
   */
  private static final String DECIDED_BY_ROUNDING = "light/light_squeezenet";

  private static final int TENTH = 10;

  /** Reads the properties that {@link Conformance} tells of. */
  static Selection ofProperties(String target) {
    Set<String> parts = Conformance.words("inferc.conformance.case");
    boolean all = !parts.isEmpty() || System.getProperty("inferc.conformance", "").equals("all");
    Set<String> variants = Conformance.words("inferc.conformance.variant");
    Set<String> modes = Conformance.words("inferc.conformance.mode");
    // What other modes write for OpenVINO is a dialect of the same passes, which its own tests
    // hold.
    List<Mode> possible = target.equals("openvino") ? List.of(Mode.FP32) : List.of(Mode.values());
    boolean complete = all && parts.isEmpty() && variants.isEmpty() && modes.isEmpty();
    return new Selection(
        target,
        complete,
        all,
        parts,
        List.of(Variant.values()).stream()
            .filter(v -> variants.isEmpty() || variants.contains(v.name()))
            .toList(),
        possible.stream().filter(m -> modes.isEmpty() || modes.contains(m.name())).toList());
  }

  /** The cases to run, in the order of their names; in a tenth every operator is represented. */
  List<SuiteCase> cases(Path root) {
    List<SuiteCase> named =
        SuiteCase.all(root).stream()
            .filter(c -> !LOCALIZED.matcher(c.name()).matches())
            .filter(c -> !target.equals("openvino") || !c.name().equals(DECIDED_BY_ROUNDING))
            .filter(c -> parts.isEmpty() || parts.stream().anyMatch(c.name()::contains))
            .toList();
    return all ? named : tenth(named);
  }

  /** What is tried of a case. */
  List<Unit> units(SuiteCase suiteCase) {
    List<Unit> units = new ArrayList<>();
    for (Variant variant : variants) {
      for (Mode mode : modes) {
        boolean asGivenOnly = mode == Mode.SAVE || suiteCase.isLarge();
        if (variant == Variant.GIVEN || !asGivenOnly) {
          units.add(new Unit(suiteCase.name(), variant, mode));
        }
      }
    }
    return units;
  }

  /** The cases in an order that mixes kinds, but large ones first: they would hold up the end. */
  static List<SuiteCase> scattered(List<SuiteCase> cases) {
    return cases.stream()
        .sorted(
            Comparator.comparing((SuiteCase c) -> !c.isLarge())
                .thenComparing(Selection::mixed)
                .thenComparing(SuiteCase::name))
        .toList();
  }

  private static List<SuiteCase> tenth(List<SuiteCase> cases) {
    List<SuiteCase> inOrder = scattered(cases.stream().filter(c -> !c.isLarge()).toList());
    Map<String, SuiteCase> chosen = new LinkedHashMap<>();
    inOrder.subList(0, inOrder.size() / TENTH).forEach(c -> chosen.put(c.name(), c));
    Set<String> seen = new LinkedHashSet<>();
    chosen.values().forEach(c -> seen.addAll(operators(c)));
    for (SuiteCase next : inOrder) {
      if (seen.addAll(operators(next))) {
        chosen.put(next.name(), next);
      }
    }
    return chosen.values().stream().sorted(Comparator.comparing(SuiteCase::name)).toList();
  }

  /** A number of the name alone, so that the tenth is the same everywhere. */
  private static int mixed(SuiteCase suiteCase) {
    int hash = suiteCase.name().hashCode() * 0x9E3779B9;
    return (hash ^ (hash >>> 16)) & Integer.MAX_VALUE;
  }

  private static Set<String> operators(SuiteCase suiteCase) {
    try {
      Set<String> operators = new LinkedHashSet<>();
      for (NodeProto node : ModelProto.parseFrom(suiteCase.modelBytes()).getGraph().getNodeList()) {
        operators.add(node.getDomain() + ":" + node.getOpType());
      }
      return operators;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
