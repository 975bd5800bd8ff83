"""The LangGraph state machine: state, nodes, routing, budget, plateau."""
