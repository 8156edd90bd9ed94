package io.inferc.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which package may use which, relative to a root package.
 *
 * <p>A row is a subpackage of the root with everything below it that has no row of its own, or the
 * root package itself (the facade). A row sees the rows that it names, and what those see.
 *
 * <p>A closed row is for other rows of the table only: what users see names none of its types.
 */
final class PackageTable {

  /** The row of the root package itself. */
  static final String FACADE = "";

  /** The row of all back-end modules; no other row may name it. */
  static final String BACK_ENDS = "backend";

  private final String root;
  private final Map<String, Set<String>> visible = new LinkedHashMap<>();
  private final Set<String> closed = new LinkedHashSet<>();

  private PackageTable(String root) {
    this.root = root;
  }

  /** The table of the design, its rows being subpackages of {@code root}. */
  static PackageTable below(String root) {
    PackageTable table = new PackageTable(root);
    table.row("common");
    table.row("tensor", "common");
    table.row("onnx", "tensor");
    table.row("runtime", "tensor");
    table.row("spi", "runtime", "onnx");
    table.row("shape", "spi");
    table.row("execution", "spi", "shape");
    table.row("calibrate", "execution");
    table.row("rewrite", "calibrate");
    table.closedRow("rewrite.cleanup", "rewrite");
    table.row("rewrite.layer", "rewrite.cleanup");
    table.closedRow("rewrite.quantize", "rewrite.layer");
    table.closedRow("rewrite.half", "rewrite.quantize");
    table.row("accuracy", "execution");
    table.row("benchmark.statistics", "common");
    table.row("benchmark.platform", "spi", "benchmark.statistics");
    table.row("benchmark", "benchmark.platform");
    table.row("benchmark.load", "benchmark");
    table.row("benchmark.trace", "benchmark.load");
    table.row("benchmark.endpoint", "benchmark.load");
    table.row("benchmark.study", "benchmark.load");
    table.row("search", "execution", "rewrite.layer", "accuracy", "benchmark.load");
    table.rowThatSeesAllAbove(FACADE);
    table.rowThatSeesAllAbove("report");
    table.rowThatSeesAllAbove("artifact");
    table.rowThatSeesAllAbove("serving");
    table.rowThatSeesAllAbove("pipeline");
    table.row(BACK_ENDS, "spi");
    return table;
  }

  private void row(String name, String... uses) {
    Set<String> seen = new LinkedHashSet<>();
    for (String used : uses) {
      Set<String> beyond = visible.get(used);
      if (beyond == null) {
        throw new IllegalStateException(
            "Tried to let " + name + " use " + used + ", but no row above it has that name");
      }
      seen.add(used);
      seen.addAll(beyond);
    }
    visible.put(name, seen);
  }

  private void closedRow(String name, String... uses) {
    row(name, uses);
    closed.add(name);
  }

  private void rowThatSeesAllAbove(String name) {
    visible.put(name, new LinkedHashSet<>(visible.keySet()));
  }

  String root() {
    return root;
  }

  /**
   * The row of a class: of its package, or of the nearest package around that which has one; the
   * first segment below the root where none has. Empty for a class elsewhere.
   */
  Optional<String> rowOf(JavaClass type) {
    String name = type.getBaseComponentType().getPackageName();
    if (name.equals(root)) {
      return Optional.of(FACADE);
    }
    if (!name.startsWith(root + ".")) {
      return Optional.empty();
    }
    String row = name.substring(root.length() + 1);
    while (!hasRow(row) && row.contains(".")) {
      row = row.substring(0, row.lastIndexOf('.'));
    }
    return Optional.of(row);
  }

  /** Whether a class is in a row that users do not see. */
  boolean isClosed(JavaClass type) {
    return rowOf(type).filter(closed::contains).isPresent();
  }

  boolean hasRow(String name) {
    return visible.containsKey(name);
  }

  boolean allows(String user, String used) {
    return user.equals(used) || visible.getOrDefault(user, Set.of()).contains(used);
  }

  /** What a row may use, for messages. */
  String describe(String row) {
    Set<String> names = new TreeSet<>();
    visible.getOrDefault(row, Set.of()).forEach(name -> names.add(packageOf(name)));
    return packageOf(row) + (names.isEmpty() ? " may use nothing" : " may use only " + names);
  }

  String packageOf(String row) {
    return row.equals(FACADE) ? root : root + "." + row;
  }
}
