package io.inferc.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Optional;

/**
 * The rules of the package table, for classes below one root package.
 *
 * <p>The root is a parameter so that the rules can be shown to bite on deliberately wrong packages.
 * Packages that do not exist yet are no violation. Instances are immutable and thread-safe.
 */
public final class ArchitectureRules {

  private final PackageTable table;

  private ArchitectureRules(PackageTable table) {
    this.table = table;
  }

  /** The rules for inferc itself. */
  public static ArchitectureRules ofInferc() {
    return below("io.inferc");
  }

  /** The same rules for packages below another root. */
  public static ArchitectureRules below(String root) {
    return new ArchitectureRules(PackageTable.below(root));
  }

  /** The classes of a package and all below it on the class path, without test classes. */
  public static JavaClasses mainClassesOf(String packageName) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        // Core's test classes are in a jar where other modules meet them.
        .withImportOption(location -> !location.contains("-tests.jar"))
        .importPackages(packageName);
  }

  /**
   * Every package belongs to a row, and uses only the rows that its row names and what they see.
   */
  public ArchRule packagesUseOnlyWhatTheirRowAllows() {
    return classes()
        .that(resideInAPackage(table.root() + ".."))
        .should(useOnlyWhatTheirRowAllows())
        .allowEmptyShould(true);
  }

  /** No two packages use each other, however long the way round. */
  public ArchRule packagesAreFreeOfCycles() {
    return slices()
        .assignedFrom(new PackagesWithTheirInternals(table.root()))
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true);
  }

  /** The lowest row stands on the JDK, nullness annotations and the logging interface alone. */
  public ArchRule commonStandsAlone() {
    String common = table.packageOf("common") + "..";
    return classes()
        .that(resideInAPackage(common))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(common, "java..", "org.jspecify..", "org.slf4j..")
        .allowEmptyShould(true);
  }

  /** What users can see names only types of the JDK and inferc's own that are not internal. */
  public ArchRule publicSignaturesNameOnlyJdkAndPublicTypes() {
    return classes()
        .that(resideInAPackage(table.root() + ".."))
        .should(new PublicSignatures(table))
        .allowEmptyShould(true);
  }

  /**
   * Back ends are modules of their own, to which the internals of core are closed, but for those of
   * the lowest row, which core's module descriptor exports to them alone.
   */
  public ArchRule backEndsLeaveTheInternalsOfCoreAlone() {
    String backEnds = table.packageOf(PackageTable.BACK_ENDS) + "..";
    return noClasses()
        .that(resideInAPackage(backEnds))
        .should()
        .dependOnClassesThat(
            resideInAPackage(table.root() + "..internal..")
                .and(not(resideInAPackage(backEnds)))
                .and(not(resideInAPackage(table.packageOf("common") + ".internal")))
                .as("are internal to core"))
        .allowEmptyShould(true);
  }

  private ArchCondition<JavaClass> useOnlyWhatTheirRowAllows() {
    return new ArchCondition<>("use only what their row of the package table allows") {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        String row = table.rowOf(user).orElseThrow();
        if (!table.hasRow(row)) {
          events.add(
              SimpleConditionEvent.violated(
                  user,
                  user.getName()
                      + " is in a package without a row in the package table: move it, or add the"
                      + " row to the design and to PackageTable"));
          return;
        }
        for (Dependency dependency : user.getDirectDependenciesFromSelf()) {
          Optional<String> used = table.rowOf(dependency.getTargetClass());
          if (used.isPresent() && !table.allows(row, used.get())) {
            events.add(
                SimpleConditionEvent.violated(
                    user, table.describe(row) + ", but " + dependency.getDescription()));
          }
        }
      }
    };
  }

  /** An internal package serves the package above it, and counts as part of that. */
  private record PackagesWithTheirInternals(String root) implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String name = type.getBaseComponentType().getPackageName();
      if (!(name + ".").startsWith(root + ".")) {
        return SliceIdentifier.ignore();
      }
      return SliceIdentifier.of(name.replaceFirst("\\.internal(\\..*)?$", ""));
    }

    @Override
    public String getDescription() {
      return "packages below " + root;
    }
  }
}
