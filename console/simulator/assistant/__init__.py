"""Who answers in the simulator: rules, a chat endpoint, or a scenario."""
