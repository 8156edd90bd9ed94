package io.inferc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.inferc.architecture.ArchitectureRules;
import org.junit.jupiter.api.Test;

/** Holds core to the package table of the design. */
class ArchitectureTest {

  private static final JavaClasses CORE = ArchitectureRules.mainClassesOf("io.inferc");
  private final ArchitectureRules rules = ArchitectureRules.ofInferc();

  @Test
  void theMainClassesAreFoundAndTestClassesAreNot() {
    assertTrue(CORE.contain("io.inferc.common.InfercException"), "core's classes were not found");
    assertTrue(!CORE.contain(ArchitectureTest.class), "test classes were found too");
  }

  @Test
  void eachPackageUsesOnlyWhatItsRowAllows() {
    rules.packagesUseOnlyWhatTheirRowAllows().check(CORE);
  }

  @Test
  void packagesAreFreeOfCycles() {
    rules.packagesAreFreeOfCycles().check(CORE);
  }

  @Test
  void commonStandsOnTheJdkAlone() {
    rules.commonStandsAlone().check(CORE);
  }

  @Test
  void publicSignaturesNameOnlyTypesOfTheJdkAndOfInferc() {
    rules.publicSignaturesNameOnlyJdkAndPublicTypes().check(CORE);
  }
}
