/**
 * What tests of every module share: small models, real models, and the contract that each back end
 * must pass.
 */
@NullMarked
package io.inferc.testing;

import org.jspecify.annotations.NullMarked;
