/**
 * Reduced modes: which readings of each sensor are sent, and the state to decide it. The modes are
 * immutable; a state belongs to the view or the subscription that made it. Depends on the JDK only.
 */
package dev.weir.service.core.mode;
