package io.inferc.testing;

import io.inferc.Compiler;
import io.inferc.Inferc;
import io.inferc.common.InfercException;
import io.inferc.runtime.Target;

/** A program for {@link ChildJvm}: lists back ends, then tries to build a compiler for one. */
public final class FacadeProbe {
  private FacadeProbe() {}

  /**
   * Prints what the facade says.
   *
   * @param arguments the name of the back end
   */
  public static void main(String[] arguments) {
    Inferc.backends().forEach(System.out::println);
    try {
      Compiler.forTarget(Target.backend(arguments[0])).build();
      System.out.println("compiler built");
    } catch (InfercException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }
}
