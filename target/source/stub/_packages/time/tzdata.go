package tzdata
