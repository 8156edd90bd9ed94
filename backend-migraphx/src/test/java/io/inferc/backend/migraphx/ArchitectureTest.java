package io.inferc.backend.migraphx;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.inferc.architecture.ArchitectureRules;
import org.junit.jupiter.api.Test;

/** Holds the back end to the interface it implements and what that sees. */
class ArchitectureTest {

  private static final JavaClasses BACK_END =
      ArchitectureRules.mainClassesOf("io.inferc.backend.migraphx");

  private final ArchitectureRules rules = ArchitectureRules.ofInferc();

  @Test
  void theBackEndUsesOnlyTheSpiAndWhatThatSees() {
    rules.packagesUseOnlyWhatTheirRowAllows().check(BACK_END);
  }

  @Test
  void theBackEndLeavesTheInternalsOfCoreAlone() {
    rules.backEndsLeaveTheInternalsOfCoreAlone().check(BACK_END);
  }

  @Test
  void packagesAreFreeOfCycles() {
    rules.packagesAreFreeOfCycles().check(BACK_END);
  }

  @Test
  void publicSignaturesNameOnlyTypesOfTheJdkAndOfInferc() {
    rules.publicSignaturesNameOnlyJdkAndPublicTypes().check(BACK_END);
  }
}
