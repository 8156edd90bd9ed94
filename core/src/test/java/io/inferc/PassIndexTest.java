package io.inferc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.inferc.architecture.ArchitectureRules;
import io.inferc.rewrite.GraphPass;
import io.inferc.testing.PassFixture;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The index names every pass there is, and each is tested with the kit. */
class PassIndexTest {
  private static final JavaClasses REWRITE = ArchitectureRules.mainClassesOf("io.inferc.rewrite");

  private static Set<String> passes() {
    return REWRITE.stream()
        .filter(c -> c.isAssignableTo(GraphPass.class) && !c.isInterface())
        .map(JavaClass::getName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyPassIsInTheIndexWithALine() {
    assertTrue(passes().size() > 20, "the passes were not found");
    Set<String> listed = new TreeSet<>();
    for (PassIndex entry : PassIndex.values()) {
      assertTrue(listed.add(entry.pass().getName()), () -> entry + " is there twice");
      assertTrue(entry.does().length() > 10 && !entry.does().endsWith("."), entry::does);
    }
    assertEquals(passes(), listed);
  }

  @Test
  void theIndexNamesPassesInAnOrderThatTheyCanRunIn() {
    List<Class<? extends GraphPass>> order =
        Arrays.stream(PassIndex.values()).<Class<? extends GraphPass>>map(PassIndex::pass).toList();
    JavaClasses classes = new ClassFileImporter().importClasses(new HashSet<>(order));
    assertEquals(order.size(), classes.size());
    int found = 0;
    for (Class<? extends GraphPass> pass : order) {
      for (Class<? extends GraphPass> other : order) {
        boolean needs =
            classes.get(pass).getCodeUnits().stream()
                .filter(m -> m.getName().equals("needs"))
                .flatMap(m -> m.getReferencedClassObjects().stream())
                .anyMatch(r -> r.getRawType().isEquivalentTo(other));
        found += needs ? 1 : 0;
        assertTrue(
            !needs || order.indexOf(other) < order.indexOf(pass),
            () -> pass.getSimpleName() + " needs " + other.getSimpleName() + " before it");
      }
    }
    assertTrue(found > 15, "the needs were not found");
  }

  @Test
  void everyPassIsTestedWithTheKit() {
    JavaClasses tests = new ClassFileImporter().importPackages("io.inferc.rewrite");
    Set<String> tested = new TreeSet<>();
    for (JavaClass test : tests) {
      Set<String> used =
          test.getDirectDependenciesFromSelf().stream()
              .map(d -> d.getTargetClass().getName())
              .collect(Collectors.toSet());
      if (used.contains(PassFixture.class.getName())) {
        tested.addAll(used);
      }
    }
    Set<String> untested = passes();
    untested.removeAll(tested);
    assertEquals(Set.of(), untested, "no test applies these passes with PassFixture");
  }
}
