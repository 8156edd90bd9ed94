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
 * <p>A row is a direct subpackage of the root with everything below it, or the root package itself
 * (the facade). A row sees the rows that it names, and what those see.
 */
final class PackageTable {

  /** The row of the root package itself. */
  static final String FACADE = "";

  /** The row of all back-end modules; no other row may name it. */
  static final String BACK_ENDS = "backend";

  private final String root;
  private final Map<String, Set<String>> visible = new LinkedHashMap<>();

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
    table.row("accuracy", "execution");
    table.row("benchmark", "spi");
    table.row("search", "execution", "rewrite", "accuracy", "benchmark");
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

  private void rowThatSeesAllAbove(String name) {
    visible.put(name, new LinkedHashSet<>(visible.keySet()));
  }

  String root() {
    return root;
  }

  /** The first segment of the class's package below the root; empty for a class elsewhere. */
  Optional<String> segmentOf(JavaClass type) {
    String name = type.getBaseComponentType().getPackageName();
    if (name.equals(root)) {
      return Optional.of(FACADE);
    }
    if (!name.startsWith(root + ".")) {
      return Optional.empty();
    }
    String below = name.substring(root.length() + 1);
    int dot = below.indexOf('.');
    return Optional.of(dot < 0 ? below : below.substring(0, dot));
  }

  boolean hasRow(String segment) {
    return visible.containsKey(segment);
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
